//! A cluster on one machine: [`loopback`].

use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_executor::new_standalone_executor_from_state;
use ballista_scheduler::standalone::new_standalone_scheduler_from_state;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::SessionState;

/// A scheduler, and an executor for each of these states with so many tasks at a time, on ports of this machine that the
/// system chooses; the scheduler's address, for a client. They run until the runtime ends that they were started on, which
/// has several threads. What executors wrote stays in the system's folder for temporary files.
///
/// # Errors
/// If one of them does not start.
///
/// ```
/// use ballista::prelude::SessionContextExt;
/// use datafusion::execution::SessionStateBuilder;
/// use datafusion::prelude::{SessionConfig, SessionContext};
/// use gradient_sql::cluster::{loopback, with_programs};
///
/// # #[tokio::main]
/// # async fn main() -> datafusion::common::Result<()> {
/// let config = with_programs(SessionConfig::new());
/// let state = SessionStateBuilder::new().with_default_features().with_config(config).build();
/// let address = loopback(&state, &[state.clone(), state.clone()], 1).await?;
/// let sql = SessionContext::remote_with_state(&address, state).await?;
/// let found = sql.sql("SELECT 2 + 3").await?.collect().await?;
/// assert_eq!(found[0].num_rows(), 1);
/// # Ok(())
/// # }
/// ```
pub async fn loopback(
    scheduler: &SessionState,
    executors: &[SessionState],
    tasks: usize,
) -> Result<String> {
    fn external(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DataFusionError {
        DataFusionError::External(error.into())
    }
    let address = new_standalone_scheduler_from_state(scheduler).await.map_err(external)?;
    let address = format!("http://{address}");
    for executor in executors {
        let client = SchedulerGrpcClient::connect(address.clone()).await.map_err(external)?;
        new_standalone_executor_from_state(client, tasks, executor).await.map_err(external)?;
    }
    Ok(address)
}
