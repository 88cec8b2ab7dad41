// Shows a cloud phone's screen and lets it be touched. No dependencies; see services/Media/README.md for its use.
import { PhoneInput } from './phone-input.js';
import { SocketPictures } from './socket-pictures.js';

const MEDIA_WAIT_MS = 3000; // no picture by WebRTC for so long: the socket brings them
const MAX_RETRIES = 10;
const FINAL = new Set(['closed', 'access-lost', 'device-stopped', 'device-deleted', 'phone-lost']);
/** By `rrtr` the browser learns the round trip; else it takes 100 ms for granted, and asks late for what is lost twice. */
const NACK = /^a=rtcp-fb:(\d+) nack\r\n/gm;
/** What is no deed on the phone. For one, whoever may only watch would be cut off. */
const WATCHING = new Set(['pictures', 'end']);
const WAYS = new Set(['auto', 'webrtc', 'video', 'snapshots']);
const NOT_ALLOWED = new Set([400, 401, 403, 404]);

/**
 * Events: `state` (detail: {phone, width, height, mayControl, controls, way}), `clipboard` (detail: text),
 * `ended` (detail: reason), `error` (detail: a problem, or an Error).
 */
export class CloudPhonePlayer extends EventTarget {
    /**
     * @param {HTMLElement} element is filled with the picture.
     * @param {object} options
     * @param {string} [options.base] the gateway's address; default: where this file comes from.
     * @param {string} [options.deviceId] the phone, with `token`.
     * @param {() => (string|Promise<string>)} [options.token] gives an access token each time one is needed.
     * @param {string} [options.shareToken] instead of both.
     * @param {'auto'|'webrtc'|'video'|'snapshots'} [options.way] how pictures come; default: auto.
     */
    constructor(element, options) {
        super();
        this.element = element;
        if (options.way && !WAYS.has(options.way)) throw new Error(`way is one of ${[...WAYS].join(', ')}.`);
        this.options = { base: new URL('/', import.meta.url).origin, way: 'auto', ...options };
        this.state = { phone: 'waiting', controls: 'free', mayControl: false, way: 'none' };
        this.video = Object.assign(document.createElement('video'), { muted: true, autoplay: true, playsInline: true });
        this.canvas = document.createElement('canvas');
        for (const screen of [this.video, this.canvas])
            Object.assign(screen.style, {
                position: 'absolute', inset: '0', width: '100%', height: '100%', objectFit: 'contain',
                touchAction: 'none', userSelect: 'none',
            });
        if (getComputedStyle(element).position === 'static') element.style.position = 'relative';
        element.append(this.video, this.canvas);
        this.pictures = new SocketPictures(this.canvas);
        this.input = new PhoneInput(this);
        this.#showCanvas(false);
    }

    /** Resolves when the session is open; pictures follow. */
    async connect() {
        this.#closing = false;
        this.#retries = 0;
        this.#askedAt = performance.now();
        this.#firstPictureMs = undefined;
        await this.#open();
    }

    /** Ends the session. */
    close() {
        this.#closing = true;
        this.send({ type: 'end' });
        this.#tearDown();
    }

    /** Asks for the controls where another viewer has them. */
    takeControls() { this.send({ type: 'control' }); }

    releaseControls() { this.send({ type: 'release' }); }

    /** What plays, for /api/media; changes when it connects anew. */
    get sessionId() { return this.#session?.sessionId; }

    /** Sends a message to the phone: see the README for all of them. Who may only watch touches nothing. */
    send(message) {
        if (!this.state.mayControl && !WATCHING.has(message.type)) return;
        if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
    }

    /** Tells whoever embeds it what could not be done. */
    fail(error) { this.dispatchEvent(new CustomEvent('error', { detail: error })); }

    async fullscreen() {
        await (document.fullscreenElement ? document.exitFullscreen() : this.element.requestFullscreen());
    }

    /** What the browser knows of the way that pictures take. */
    async statistics() {
        const found = { way: this.state.way, width: this.state.width, height: this.state.height, ...this.pictures.counts };
        if (this.state.way !== 'webrtc' || !this.#peer) return found;
        for (const s of (await this.#peer.getStats()).values()) {
            if (s.type === 'inbound-rtp')
                Object.assign(found, {
                    frames: s.framesDecoded, bytes: s.bytesReceived, lost: s.packetsLost, fps: s.framesPerSecond ?? 0,
                    freezes: s.freezeCount, width: s.frameWidth, height: s.frameHeight,
                    firstPictureMs: this.#firstPictureMs, bufferMs: s.jitterBufferEmittedCount ? 1000 * s.jitterBufferDelay / s.jitterBufferEmittedCount : 0,
                });
            if (s.type === 'candidate-pair' && s.nominated) found.roundTripMs = 1000 * (s.currentRoundTripTime ?? 0);
        }
        return found;
    }

    #peer; #socket; #session; #timer; #retryTimer; #way; #askedAt; #firstPictureMs;
    #closing = false; #retries = 0; #hadPicture = false; #over = false; #serviceStopped = false;

    async #open() {
        this.#way = this.options.way;
        this.#over = this.#hadPicture = this.#serviceStopped = false;
        const offer = this.#way === 'auto' || this.#way === 'webrtc' ? await this.#offer() : undefined;
        const session = this.#session = await this.#post(offer);
        if (this.#closing) return;
        this.#openSocket(session);
        if (!this.#peer || !session.sdp) return;
        if (session.iceServers.length) this.#peer.setConfiguration({ iceServers: session.iceServers });
        await this.#peer.setRemoteDescription({ type: 'answer', sdp: session.sdp });
        if (this.#way === 'auto') this.#timer = setTimeout(() => this.#fallBack(), MEDIA_WAIT_MS);
    }

    async #offer() {
        if (!globalThis.RTCPeerConnection) return undefined;
        const peer = this.#peer = new RTCPeerConnection();
        peer.ontrack = e => { this.video.srcObject = new MediaStream([e.track]); };
        peer.onconnectionstatechange = () => {
            if (peer === this.#peer && peer.connectionState === 'failed') this.#fallBack();
        };
        this.video.requestVideoFrameCallback?.(() => this.#onPicture(peer));
        this.video.onloadeddata = () => this.#onPicture(peer);
        peer.addTransceiver('video', { direction: 'recvonly' });
        const { type, sdp } = await peer.createOffer();
        await peer.setLocalDescription({ type, sdp: sdp.replace(NACK, '$&a=rtcp-fb:$1 rrtr\r\n') });
        return peer.localDescription.sdp;
    }

    #onPicture(peer) {
        if (peer !== this.#peer || this.#hadPicture) return;
        this.#hadPicture = true;
        this.#firstPictureMs ??= performance.now() - this.#askedAt;
        clearTimeout(this.#timer);
        this.#showCanvas(false);
        this.#set({ way: 'webrtc' });
    }

    /** UDP does not get through, or not any more. */
    #fallBack() {
        clearTimeout(this.#timer);
        if (this.#way === 'webrtc' || this.#closing) return;
        this.#closePeer();
        this.#askForPictures();
    }

    #askForPictures() {
        const mode = this.#way !== 'snapshots' && SocketPictures.canDecode ? 'video' : 'snapshots';
        this.pictures.start(() => this.#askForSnapshots());
        this.send({ type: 'pictures', mode });
        this.#showCanvas(true);
        this.#set({ way: mode });
    }

    #askForSnapshots() {
        if (this.#way === 'video') return;
        this.#way = 'snapshots';
        this.#askForPictures();
    }

    async #post(sdp) {
        const { base, deviceId, shareToken, token } = this.options;
        const headers = { 'Content-Type': 'application/json' };
        if (!shareToken) headers.Authorization = `Bearer ${await token()}`;
        const answer = await fetch(`${base}/api/media/${shareToken ? 'shared-sessions' : 'sessions'}`, {
            method: 'POST', headers, body: JSON.stringify(shareToken ? { shareToken, sdp } : { deviceId, sdp }),
        });
        const body = await answer.json();
        if (!answer.ok) throw Object.assign(new Error(body.detail ?? body.title), { problem: body });
        return body;
    }

    #openSocket(session) {
        const url = new URL(session.socket, this.options.base);
        url.protocol = url.protocol.replace('http', 'ws');
        url.searchParams.set('token', session.token);
        const socket = this.#socket = new WebSocket(url);
        socket.binaryType = 'arraybuffer';
        let wasOpen = false;
        socket.onopen = () => {
            wasOpen = true;
            this.#retries = 0;
            if (this.#way === 'video' || this.#way === 'snapshots' || (this.#way === 'auto' && !this.#peer))
                this.#askForPictures();
            else if (this.state.way === 'video' || this.state.way === 'snapshots')
                this.#askForPictures();
        };
        socket.onmessage = e => {
            if (socket !== this.#socket) return;
            if (typeof e.data === 'string') this.#hear(JSON.parse(e.data));
            else this.pictures.add(e.data);
        };
        socket.onclose = e => { if (socket === this.#socket) this.#onClosed(e, wasOpen); };
    }

    #hear(message) {
        if (message.type === 'state') {
            const { type, ...state } = message;
            this.#set(state);
        } else if (message.type === 'clipboard') {
            this.dispatchEvent(new CustomEvent('clipboard', { detail: message.text }));
        } else if (message.type === 'ended') {
            this.#serviceStopped = !FINAL.has(message.reason);
            if (!this.#serviceStopped) this.#end(message.reason);
        }
    }

    /** The session lives a while without its socket, and so does its picture; where it is gone, there is a new one. */
    #onClosed(event, wasOpen) {
        if (this.#closing || this.#over) return;
        if (event.code === 1008) { this.#end(event.reason); return; }
        if (++this.#retries > MAX_RETRIES) { this.#end('connection-lost'); return; }
        const again = wasOpen && !this.#serviceStopped
            ? () => this.#openSocket(this.#session) : () => this.#reopen();
        this.#retryTimer = setTimeout(again, Math.min(250 * 2 ** (this.#retries - 1), 5000));
    }

    async #reopen() {
        this.#tearDown();
        this.#set({ phone: 'waiting' });
        try {
            await this.#open();
        } catch (e) {
            if (NOT_ALLOWED.has(e.problem?.status)) {
                this.fail(e);
                this.#end('access-lost');
            } else { // a phone that restarts, or a service that does
                this.#onClosed({}, false);
            }
        }
    }

    #end(reason) {
        this.#over = true;
        this.#tearDown();
        this.dispatchEvent(new CustomEvent('ended', { detail: reason }));
    }

    #tearDown() {
        clearTimeout(this.#timer);
        clearTimeout(this.#retryTimer);
        const socket = this.#socket;
        this.#socket = undefined;
        socket?.close();
        this.#closePeer();
        this.pictures.stop();
        this.state.way = 'none';
    }

    #closePeer() {
        const peer = this.#peer;
        this.#peer = undefined;
        peer?.close();
        this.video.srcObject = null;
    }

    #showCanvas(shown) {
        this.canvas.hidden = !shown;
        this.video.hidden = shown;
    }

    #set(change) {
        Object.assign(this.state, change);
        this.dispatchEvent(new CustomEvent('state', { detail: { ...this.state } }));
    }
}
