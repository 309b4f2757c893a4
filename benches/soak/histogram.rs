//! Latencies in buckets, which are as many however many there are.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Steps in each power of two: 3 % apart at most.
const STEPS: u64 = 32;
const BUCKETS: usize = 64 * STEPS as usize;

pub struct Histogram(Box<[AtomicU64]>);

impl Default for Histogram {
    fn default() -> Self {
        Histogram((0..BUCKETS).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Histogram {
    pub fn add(&self, latency: Duration) {
        let nanoseconds = (latency.as_nanos() as u64).max(STEPS);
        let power = u64::from(nanoseconds.ilog2());
        let step = (nanoseconds >> (power - STEPS.ilog2() as u64)) - STEPS;
        self.0[(power * STEPS + step) as usize].fetch_add(1, Relaxed);
    }

    /// In nanoseconds: the lower end of the bucket.
    pub fn quantile(&self, quantile: f64) -> f64 {
        let count: u64 = self.0.iter().map(|bucket| bucket.load(Relaxed)).sum();
        let mut left = (count as f64 * quantile) as u64;
        for (number, bucket) in self.0.iter().enumerate() {
            let in_bucket = bucket.load(Relaxed);
            if left < in_bucket {
                let (power, step) = (number as u64 / STEPS, number as u64 % STEPS);
                return (1u64 << power) as f64 * (1.0 + step as f64 / STEPS as f64);
            }
            left -= in_bucket;
        }
        f64::NAN
    }
}
