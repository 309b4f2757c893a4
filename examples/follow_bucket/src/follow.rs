//! Asks the bucket for its rules again and again, and puts new ones in force.

use std::time::Duration;

use tokio::time::{interval, MissedTickBehavior};
use tower_s3_cors::{CorsConfiguration, CorsPolicy, PolicyHandle};

use crate::bucket::Bucket;

/// Never returns. If the bucket cannot be asked or its rules are invalid, the last good ones stay in force, which is
/// said once.
pub async fn follow(bucket: &Bucket, every: Duration, handle: &PolicyHandle<Option<CorsPolicy>>) -> ! {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick is at once, and the rules have just been read.
    ticks.tick().await;
    let mut last_failure = None;
    loop {
        ticks.tick().await;
        let failure = match bucket.policy().await {
            Ok(policy) => {
                if rules(&policy) != rules(&handle.current()) {
                    handle.replace(policy);
                    eprintln!("the bucket's rules have changed");
                }
                None
            }
            Err(error) => Some(error.to_string()),
        };
        match &failure {
            Some(error) if last_failure.is_none() => eprintln!("the last good rules stay in force: {error}"),
            None if last_failure.is_some() => eprintln!("the bucket's rules are read again"),
            _ => {}
        }
        last_failure = failure;
    }
}

fn rules(policy: &Option<CorsPolicy>) -> Option<&CorsConfiguration> {
    policy.as_ref().map(CorsPolicy::configuration)
}
