//! What a task costs, in processor time: wall time on a shared machine says little.

/// Runs a task so many times; the least processor time of a run in microseconds, and what the last one made.
pub fn least_us<T>(times: usize, task: impl Fn() -> T) -> (f64, T) {
    let timed = || {
        let start = cpu_us();
        let made = std::hint::black_box(task());
        (cpu_us() - start, made)
    };
    let mut best = timed();
    for _ in 1..times {
        let (us, made) = timed();
        best = (us.min(best.0), made);
    }
    best
}

/// Processor time of this thread in microseconds.
fn cpu_us() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    spent.tv_sec as f64 * 1e6 + spent.tv_nsec as f64 * 1e-3
}
