// The plain page around the player: logs in, lists phones, shows one. A share's link is /player/#share=TOKEN.
import { CloudPhonePlayer } from './cloudphone-player.js';

const $ = id => document.getElementById(id);
const hash = new URLSearchParams(location.hash.slice(1));
const query = new URLSearchParams(location.search);
let login, player, timer, refresh, recording;
const LIST_PAUSE_MS = 5000;

function show(id) {
    for (const part of ['login', 'phones', 'stage']) $(part).hidden = part !== id;
}

function say(text) { $('message').textContent = text; }

async function call(path, options = {}) {
    const answer = await fetch(path, options);
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail ?? body.title);
    return body;
}

const post = (path, body) => call(path, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
});

function keep(tokens) {
    login = { ...tokens, until: Date.now() + 1000 * (tokens.expiresIn - 30) };
}

async function token() {
    if (Date.now() > login.until) keep(await post('/api/auth/refresh', { refreshToken: login.refreshToken }));
    return login.accessToken;
}

$('login').addEventListener('submit', async e => {
    e.preventDefault();
    say('');
    const { username, password, otp } = Object.fromEntries(new FormData(e.target));
    try {
        keep(await post('/api/auth/login', otp ? { username, password, otp } : { username, password }));
        e.target.reset();
        const device = query.get('device');
        await (device ? play({ deviceId: device, token }) : list());
    } catch (error) {
        say(error.message);
    }
});

async function list() {
    show('phones');
    const { items } = await call('/api/devices?limit=100', { headers: { Authorization: `Bearer ${await token()}` } });
    if ($('phones').hidden) return; // somebody has chosen meanwhile
    const running = items.filter(d => d.status === 'running');
    $('phones').querySelector('ul').replaceChildren(...running.map(d => {
        const row = document.createElement('li'), button = document.createElement('button');
        button.textContent = d.name;
        button.onclick = () => play({ deviceId: d.id, token });
        row.append(button);
        return row;
    }));
    $('none').hidden = running.length > 0;
    clearInterval(refresh); // phones come and go
    refresh = setInterval(() => list().catch(error => say(error.message)), LIST_PAUSE_MS);
}

async function play(options) {
    show('stage');
    showRecording(undefined);
    $('record').hidden = !options.token; // guests don't
    say('Connecting …');
    $('screen').replaceChildren();
    clearInterval(refresh);
    hideFigures();
    for (const button of document.querySelectorAll('[data-send]')) button.disabled = true;
    try {
        player = new CloudPhonePlayer($('screen'), { way: query.get('way') ?? 'auto', ...options });
    } catch (error) {
        say(error.message);
        return;
    }
    globalThis.cloudPhonePlayer = player; // for whoever looks into the page
    player.addEventListener('state', e => onState(e.detail));
    player.addEventListener('clipboard', e => navigator.clipboard?.writeText(e.detail).catch(() => undefined));
    player.addEventListener('ended', e => onEnded(e.detail, options));
    player.addEventListener('error', e => say(e.detail.message));
    try {
        await player.connect();
    } catch (error) {
        say(error.message);
        if (options.token) await list();
    }
}

function onState(state) {
    say(state.phone === 'playing' ? '' : 'The phone shows nothing at the moment …');
    $('take').hidden = !state.mayControl || state.controls !== 'other';
    for (const button of document.querySelectorAll('[data-send]')) button.disabled = state.controls === 'other' || !state.mayControl;
}

const toRecordings = async (path, body) => call(`/api/media/recordings${path}`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${await token()}` },
    body: body && JSON.stringify(body),
});

function showRecording(now) {
    recording = now;
    $('record').ariaPressed = `${!!now}`;
    $('record').textContent = now ? 'Stop recording' : 'Record';
}

/** A link can't show who asks, so the page fetches the film itself. */
async function save(film) {
    if (!film.file) return;
    const answer = await fetch(film.file, { headers: { Authorization: `Bearer ${await token()}` } });
    if (!answer.ok) throw new Error('The film could not be fetched.');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await answer.blob());
    link.download = `screen-${film.startedAt.slice(0, 19).replaceAll(':', '')}.mp4`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function record() {
    if (!recording) {
        showRecording(await toRecordings('', { sessionId: player.sessionId }));
        return;
    }
    const film = await toRecordings(`/${recording.id}/stop`);
    showRecording(undefined);
    await save(film);
}

function onEnded(reason, options) {
    say(`It is over: ${reason.replace(/\.$/, '')}.`);
    hideFigures();
    for (const button of document.querySelectorAll('[data-send]')) button.disabled = true;
    if (options.token) list().catch(error => say(error.message));
}

for (const button of document.querySelectorAll('[data-send]'))
    button.onclick = () => { player.send({ type: button.dataset.send }); player.input.focus(); };
$('take').onclick = () => player.takeControls();
$('record').onclick = () => record().catch(error => say(error.message));
$('full').onclick = () => player.fullscreen();
$('leave').onclick = () => { player.close(); login ? list() : say('You have left.'); };
function hideFigures() {
    clearInterval(timer);
    $('statistics').hidden = true;
    $('statistics').textContent = '';
    $('figures').ariaPressed = 'false';
}

// a tab that closes ends its session at once
addEventListener('pagehide', () => player?.close());
addEventListener('pageshow', e => { if (e.persisted) location.reload(); });

$('figures').onclick = () => {
    const shown = $('statistics').hidden;
    hideFigures();
    $('statistics').hidden = !shown;
    $('figures').ariaPressed = `${shown}`;
    if (shown) timer = setInterval(async () => {
        $('statistics').textContent = Object.entries(await player.statistics())
            .map(([name, value]) => `${name} ${typeof value === 'number' ? Math.round(10 * value) / 10 : value}`).join('\n');
    }, 500);
};

if (hash.get('share')) {
    history.replaceState(null, '', location.pathname + location.search); // the token is nobody else's business
    play({ shareToken: hash.get('share') });
} else {
    show('login');
}
