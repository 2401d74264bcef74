//! Jobs and CronJobs.

use serde_json::{Value, json};

use super::model::{Job, Workload};
use super::pod::with;

/// How often a pod, or one of a part, is tried again. What was sent already is not sent again.
const RETRIES: u32 = 3;
/// Seconds after which a Job that has ended is removed: its log was read, or collected.
const KEPT: u32 = 86_400;
/// Seconds by which a run may be late. One that is later is left out.
const LATE: u32 = 600;
/// crhost's exit code for wrong arguments or input.
const USAGE: u8 = 2;

impl Workload {
    /// The Job, or the CronJob that makes it.
    pub(super) fn job(&self, job: &Job) -> Value {
        let spec = self.job_spec(job);
        let Some(schedule) = &job.schedule else {
            let spec = with(spec, json!({"ttlSecondsAfterFinished": KEPT}));
            return self.object("batch/v1", "Job", json!({"spec": spec}));
        };
        let spec = json!({
            "schedule": schedule,
            // Two runs at once would do the same work.
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": LATE,
            "jobTemplate": {"metadata": {"labels": self.labels()}, "spec": spec},
        });
        self.object("batch/v1", "CronJob", json!({"spec": spec}))
    }

    fn job_spec(&self, job: &Job) -> Value {
        let failures = json!({"rules": [
            // A pod that a node lost is not the command's failure.
            {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
            // What is wrong with the words or a file stays wrong.
            {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [USAGE]}},
        ]});
        let parts = match job.shards {
            None => json!({"backoffLimit": RETRIES}),
            Some(shards) => json!({
                "completionMode": "Indexed",
                "completions": shards,
                "parallelism": shards,
                // A part that fails keeps no other from being done.
                "backoffLimitPerIndex": RETRIES,
            }),
        };
        with(json!({"podFailurePolicy": failures, "template": self.pod_template()}), parts)
    }
}
