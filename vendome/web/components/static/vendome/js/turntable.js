// A piece turned by hand: 24 pictures, dragged, swiped or stepped with the arrow keys. They load on first interest.
// <div data-turntable data-base="…/turn/" data-frames="24" data-label="…"><img …></div>; the first picture is the fallback.
const STEP = 14; // pixels of drag for one frame

class Turntable {
  constructor(root) {
    this.root = root;
    this.image = root.querySelector("img");
    this.sources = root.dataset.sources ? root.dataset.sources.split(" ") : [];
    this.frames = this.sources.map(() => null);
    this.frame = 0;
    this.loaded = false;
    root.tabIndex = 0;
    root.setAttribute("role", "slider");
    root.setAttribute("aria-label", root.dataset.label ?? "");
    root.setAttribute("aria-valuemin", "0");
    root.setAttribute("aria-valuemax", "345");
    this.tell();
    root.addEventListener("pointerenter", () => this.load(), { once: true });
    root.addEventListener("focus", () => this.load(), { once: true });
    root.addEventListener("pointerdown", (event) => this.grab(event));
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("dragstart", (event) => event.preventDefault());
  }

  load() {
    if (this.loaded) return;
    this.loaded = true;
    this.sources.forEach((source, index) => {
      const picture = new Image();
      picture.decoding = "async";
      picture.onload = () => {
        this.frames[index] = picture;
        if (index === this.frame) this.draw();
      };
      picture.src = source;
    });
  }

  turn(frame) {
    const count = this.sources.length;
    if (count === 0) return;
    this.load();
    this.frame = ((frame % count) + count) % count;
    this.draw();
    this.tell();
  }

  draw() {
    if (this.frames[this.frame]) this.image.src = this.sources[this.frame];
  }

  tell() {
    const degrees = Math.round((this.frame * 360) / Math.max(this.sources.length, 1));
    this.root.setAttribute("aria-valuenow", String(degrees));
    this.root.setAttribute("aria-valuetext", `${degrees}°`);
  }

  grab(event) {
    if (event.button !== 0) return;
    this.load();
    const start = { x: event.clientX, frame: this.frame };
    this.root.setPointerCapture(event.pointerId);
    this.root.dataset.held = "";
    const move = (next) => this.turn(start.frame + Math.round((start.x - next.clientX) / STEP));
    const release = () => {
      delete this.root.dataset.held;
      this.root.removeEventListener("pointermove", move);
    };
    this.root.addEventListener("pointermove", move);
    this.root.addEventListener("pointerup", release, { once: true });
    this.root.addEventListener("pointercancel", release, { once: true });
  }

  key(event) {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 6, PageDown: -6 }[event.key];
    if (by) this.turn(this.frame + by);
    else if (event.key === "Home") this.turn(0);
    else return;
    event.preventDefault();
  }
}

export function startTurntables() {
  document.querySelectorAll("[data-turntable]").forEach((root) => new Turntable(root));
}
