// Pictures that come over the socket: H.264 for WebCodecs, or PNGs.

const HEAD = 10, PICTURE = 1, SNAPSHOT = 2, SPS = 7, NAL_KIND = 0x1f;

export class SocketPictures {
    #canvas; #context; #decoder; #onFailure; #needsKey = true; #isOn = false;

    constructor(canvas) {
        this.#canvas = canvas;
        this.#context = canvas.getContext('2d');
        this.counts = { frames: 0, bytes: 0 };
    }

    /** WebCodecs are there in secure contexts only. */
    static get canDecode() { return 'VideoDecoder' in globalThis; }

    /** @param {() => void} onFailure the browser does not decode this. */
    start(onFailure) {
        this.stop();
        this.#onFailure = onFailure;
        this.#isOn = true;
    }

    stop() {
        this.#isOn = false;
        if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
        this.#decoder = undefined;
        this.#needsKey = true;
    }

    /** @param {ArrayBuffer} message its kind, whether it is a key frame, its time in microseconds, and the data. */
    add(message) {
        if (!this.#isOn || message.byteLength <= HEAD) return;
        const view = new DataView(message), data = new Uint8Array(message, HEAD);
        this.counts.bytes += data.length;
        if (view.getUint8(0) === SNAPSHOT) this.#drawSnapshot(data);
        else if (view.getUint8(0) === PICTURE)
            this.#decode(data, view.getUint8(1) === 1, Number(view.getBigInt64(2)));
    }

    async #drawSnapshot(data) {
        const picture = await createImageBitmap(new Blob([data], { type: 'image/png' })).catch(() => undefined);
        if (picture && this.#isOn) this.#draw(picture, picture.width, picture.height);
        picture?.close();
    }

    #decode(data, isKey, timestamp) {
        if (this.#needsKey && !isKey) return;
        try {
            if (isKey) this.#configure(data);
            if (!this.#decoder) return;
            this.#needsKey = false;
            this.#decoder.decode(new EncodedVideoChunk({ type: isKey ? 'key' : 'delta', timestamp, data }));
        } catch {
            this.#fail();
        }
    }

    #configure(data) {
        if (this.#decoder?.state === 'configured') return;
        const codec = codecOf(data);
        if (!codec) return;
        this.#decoder = new VideoDecoder({
            output: frame => {
                if (this.#isOn) this.#draw(frame, frame.displayWidth, frame.displayHeight);
                frame.close();
            },
            error: () => this.#fail(),
        });
        this.#decoder.configure({ codec, optimizeForLatency: true });
    }

    #fail() {
        const tell = this.#onFailure;
        this.stop();
        tell?.();
    }

    #draw(picture, width, height) {
        if (this.#canvas.width !== width || this.#canvas.height !== height)
            Object.assign(this.#canvas, { width, height });
        this.#context.drawImage(picture, 0, 0);
        this.counts.frames++;
    }
}

/** `avc1.` with profile, constraints and level of the stream's own parameter set. */
function codecOf(data) {
    for (let i = 0; i + 7 < data.length; i++)
        if (data[i] === 0 && data[i + 1] === 0 && data[i + 2] === 1 && (data[i + 3] & NAL_KIND) === SPS)
            return 'avc1.' + [data[i + 4], data[i + 5], data[i + 6]].map(b => b.toString(16).padStart(2, '0')).join('');
    return undefined;
}
