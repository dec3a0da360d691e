/** Now, by Midtrans' clock as far as Rust knows it, so that a wrong PC clock does not bend a deadline. */
class Clock {
  now = $state(Date.now());
  #ahead = 0;

  /** Takes Rust's time over. */
  set(now: string) {
    const told = Date.parse(now);
    this.#ahead = Date.now() - told;
    this.now = told;
  }

  tick() {
    this.now = Date.now() - this.#ahead;
  }
}

export const clock = new Clock();
