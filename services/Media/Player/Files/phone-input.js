// Mouse, fingers and keyboard of the browser, as messages for the phone.

const MAX_POINTERS = 10, WHEEL_STEP = 100;
/** Characters of one message, and bytes of a clipboard: more would end the session. */
const MAX_TEXT = 4096, MAX_CLIPBOARD = 250_000;

/** Android's meta states. */
const SHIFT = 1, ALT = 2, CTRL = 0x1000, META = 0x10000;

const KEYS = {
    Enter: 'ENTER', Backspace: 'DEL', Delete: 'FORWARD_DEL', Tab: 'TAB', Escape: 'ESCAPE', Home: 'MOVE_HOME',
    End: 'MOVE_END', PageUp: 'PAGE_UP', PageDown: 'PAGE_DOWN', ArrowUp: 'DPAD_UP', ArrowDown: 'DPAD_DOWN',
    ArrowLeft: 'DPAD_LEFT', ArrowRight: 'DPAD_RIGHT', ContextMenu: 'MENU', AudioVolumeUp: 'VOLUME_UP',
    AudioVolumeDown: 'VOLUME_DOWN', AudioVolumeMute: 'VOLUME_MUTE',
};

export class PhoneInput {
    #player; #keyboard; #pointers = new Map();

    constructor(player) {
        this.#player = player;
        const element = player.element;
        // takes the keys, and an input method's text, which a plain element would not get
        this.#keyboard = Object.assign(document.createElement('textarea'), {
            autocapitalize: 'off', autocomplete: 'off', spellcheck: false, ariaLabel: 'Keyboard of the phone',
        });
        Object.assign(this.#keyboard.style, {
            position: 'absolute', left: '0', top: '0', width: '1px', height: '1px', opacity: '0', border: '0',
            padding: '0', resize: 'none',
        });
        element.prepend(this.#keyboard);
        for (const type of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'])
            element.addEventListener(type, e => this.#onPointer(e));
        element.addEventListener('wheel', e => this.#onWheel(e), { passive: false });
        element.addEventListener('contextmenu', e => {
            e.preventDefault();
            player.send({ type: 'back' });
        });
        this.#keyboard.addEventListener('keydown', e => this.#onKey(e));
        this.#keyboard.addEventListener('input', e => this.#onText(e));
        this.#keyboard.addEventListener('compositionend', () => this.#type());
        this.#keyboard.addEventListener('paste', e => this.#onPaste(e));
    }

    /** Keys go to the phone from now on. */
    focus() { this.#keyboard.focus({ preventScroll: true }); }

    /** Where on the video; undefined: beside it. */
    #pointOf(e) {
        const { width, height } = this.#player.state;
        if (!width || !height) return undefined;
        const box = this.#player.element.getBoundingClientRect();
        const scale = Math.min(box.width / width, box.height / height);
        const x = (e.clientX - box.left - (box.width - width * scale) / 2) / scale;
        const y = (e.clientY - box.top - (box.height - height * scale) / 2) / scale;
        const isBeside = x < 0 || y < 0 || x >= width || y >= height;
        return { x: clamp(x, width), y: clamp(y, height), width, height, isBeside };
    }

    #onPointer(e) {
        const action = { pointerdown: 'down', pointermove: 'move', pointerup: 'up', pointercancel: 'cancel' }[e.type];
        if (action === 'down') {
            this.focus();
            if (e.button === 1) { this.#player.send({ type: 'home' }); e.preventDefault(); return; }
            if (e.button !== 0) return;
        }
        const at = this.#pointOf(e);
        if (!at || (action === 'down' ? at.isBeside : !this.#pointers.has(e.pointerId))) return;
        e.preventDefault();
        if (action === 'down') {
            const pointer = this.#freePointer();
            if (pointer < 0) return;
            this.#pointers.set(e.pointerId, pointer);
            this.#player.element.setPointerCapture(e.pointerId);
        }
        const pointer = this.#pointers.get(e.pointerId);
        if (action === 'up' || action === 'cancel') this.#pointers.delete(e.pointerId);
        const { isBeside, ...point } = at;
        this.#player.send({ type: 'touch', action, pointer, ...point, pressure: e.pressure > 0 ? e.pressure : 1 });
    }

    #freePointer() {
        const taken = new Set(this.#pointers.values());
        for (let i = 0; i < MAX_POINTERS; i++) if (!taken.has(i)) return i;
        return -1;
    }

    #onWheel(e) {
        const at = this.#pointOf(e);
        if (!at || at.isBeside) return;
        e.preventDefault();
        const { isBeside, ...point } = at;
        const step = v => Math.max(-16, Math.min(16, v / WHEEL_STEP));
        this.#player.send({ type: 'scroll', ...point, dx: -step(e.deltaX), dy: -step(e.deltaY) });
    }

    #onKey(e) {
        if (e.isComposing) return;
        const meta = (e.shiftKey ? SHIFT : 0) | (e.altKey ? ALT : 0) | (e.ctrlKey ? CTRL : 0) | (e.metaKey ? META : 0);
        const isChord = e.ctrlKey || e.metaKey;
        if (isChord && e.key.toLowerCase() === 'v') return; // the paste event follows
        const key = KEYS[e.key] ?? (isChord && /^[a-z0-9]$/i.test(e.key) ? e.key.toUpperCase() : undefined);
        if (!key) return; // text comes as input
        e.preventDefault();
        this.#player.send({ type: 'key', key, action: 'press', meta });
        if (isChord && 'cx'.includes(e.key.toLowerCase())) this.#player.send({ type: 'get-clipboard' });
    }

    #onText(e) {
        if (!e.isComposing) this.#type();
    }

    #type() {
        const text = this.#keyboard.value;
        this.#keyboard.value = '';
        let part = '';
        for (const character of text) { // whole ones, however many units they are
            if (part.length + character.length > MAX_TEXT) { this.#player.send({ type: 'text', text: part }); part = ''; }
            part += character;
        }
        if (part) this.#player.send({ type: 'text', text: part });
    }

    #onPaste(e) {
        e.preventDefault();
        const text = e.clipboardData.getData('text/plain');
        if (!text) return;
        if (new TextEncoder().encode(text).length > MAX_CLIPBOARD) {
            this.#player.fail(new Error('This is too much for the phone’s clipboard.'));
            return;
        }
        this.#player.send({ type: 'clipboard', text });
        this.#player.send({ type: 'key', key: 'V', action: 'press', meta: CTRL });
    }
}

function clamp(value, length) {
    return Math.round(Math.max(0, Math.min(length - 1, value)));
}
