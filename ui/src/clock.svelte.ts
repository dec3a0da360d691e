/** Now, by Midtrans' clock as far as Rust knows it, so that a wrong PC clock does not bend a deadline. */
class Clock {
  now = $state(Date.now());
  #ahead = 0;

  /** Takes Rust's time over. */
  set(now: string) {
    this.#ahead = Date.now() - Date.parse(now);
    this.tick();
  }

  tick() {
    this.now = Date.now() - this.#ahead;
  }
}

export const clock = new Clock();
