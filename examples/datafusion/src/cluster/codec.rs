//! How functions travel: [`ProgramCodec`].

use crate::aggregate::{self, gradient};
use crate::error::QueryError;
use ballista_core::extension::SessionConfigExt;
use ballista_core::serde::{BallistaLogicalExtensionCodec, BallistaPhysicalExtensionCodec};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::{DataFusionError, Result, TableReference};
use datafusion::datasource::file_format::FileFormatFactory;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{AggregateUDF, Extension, LogicalPlan};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionConfig;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::PhysicalExtensionCodec;
use std::sync::Arc;

/// Ballista's own codecs, and functions of [`gradient`](crate::gradient) as their programs, in Postcard.
///
/// # Errors
/// Of what is no program, or one of another version, decoding is an error.
///
/// ```
/// use datafusion_proto::physical_plan::PhysicalExtensionCodec;
/// use gradient_sql::{cluster::ProgramCodec, gradient};
/// use wengert::{objective, program::Program};
///
/// let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.mean().gradient();
/// let (function, codec) = (gradient("slope", program)?, ProgramCodec::default());
/// let mut bytes = Vec::new();
/// PhysicalExtensionCodec::try_encode_udaf(&codec, &function, &mut bytes)?;
/// let read = PhysicalExtensionCodec::try_decode_udaf(&codec, "slope", &bytes)?;
/// assert_eq!(*read, function);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct ProgramCodec {
    logical: BallistaLogicalExtensionCodec,
    physical: BallistaPhysicalExtensionCodec,
}

/// The configuration with [`ProgramCodec`], for a client, a scheduler or an executor.
///
/// ```
/// use ballista_core::extension::SessionConfigExt;
/// use datafusion::prelude::SessionConfig;
/// use gradient_sql::cluster::with_programs;
/// let config = with_programs(SessionConfig::new_with_ballista());
/// let codec = config.ballista_physical_extension_codec();
/// assert!(format!("{codec:?}").starts_with("ProgramCodec"));
/// ```
pub fn with_programs(config: SessionConfig) -> SessionConfig {
    config
        .with_ballista_logical_extension_codec(Arc::new(ProgramCodec::default()))
        .with_ballista_physical_extension_codec(Arc::new(ProgramCodec::default()))
}

/// Another function is left to what the executor has under its name.
fn write(function: &AggregateUDF, to: &mut Vec<u8>) -> Result<()> {
    if let Some(program) = aggregate::program(function) {
        let bytes = postcard::to_allocvec(program);
        to.extend(bytes.map_err(|error| DataFusionError::External(Box::new(error)))?);
    }
    Ok(())
}

fn read(name: &str, bytes: &[u8]) -> Result<Arc<AggregateUDF>> {
    if bytes.is_empty() {
        return Err(QueryError::Function { name: name.into() }.into());
    }
    let program = postcard::from_bytes(bytes)
        .map_err(|error| DataFusionError::Plan(format!("{name} is no program: {error}")))?;
    match gradient(name, program) {
        Ok(function) => Ok(Arc::new(function)),
        Err(error) => Err(DataFusionError::External(Box::new(error))),
    }
}

impl LogicalExtensionCodec for ProgramCodec {
    fn try_decode_udaf(&self, name: &str, bytes: &[u8]) -> Result<Arc<AggregateUDF>> {
        read(name, bytes)
    }

    fn try_encode_udaf(&self, function: &AggregateUDF, to: &mut Vec<u8>) -> Result<()> {
        write(function, to)
    }

    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[LogicalPlan],
        context: &TaskContext,
    ) -> Result<Extension> {
        self.logical.try_decode(bytes, inputs, context)
    }

    fn try_encode(&self, node: &Extension, to: &mut Vec<u8>) -> Result<()> {
        self.logical.try_encode(node, to)
    }

    fn try_decode_table_provider(
        &self,
        bytes: &[u8],
        table: &TableReference,
        schema: SchemaRef,
        context: &TaskContext,
    ) -> Result<Arc<dyn TableProvider>> {
        self.logical.try_decode_table_provider(bytes, table, schema, context)
    }

    fn try_encode_table_provider(
        &self,
        table: &TableReference,
        provider: Arc<dyn TableProvider>,
        to: &mut Vec<u8>,
    ) -> Result<()> {
        self.logical.try_encode_table_provider(table, provider, to)
    }

    fn try_decode_file_format(
        &self,
        bytes: &[u8],
        context: &TaskContext,
    ) -> Result<Arc<dyn FileFormatFactory>> {
        self.logical.try_decode_file_format(bytes, context)
    }

    fn try_encode_file_format(
        &self,
        to: &mut Vec<u8>,
        format: Arc<dyn FileFormatFactory>,
    ) -> Result<()> {
        self.logical.try_encode_file_format(to, format)
    }
}

impl PhysicalExtensionCodec for ProgramCodec {
    fn try_decode_udaf(&self, name: &str, bytes: &[u8]) -> Result<Arc<AggregateUDF>> {
        read(name, bytes)
    }

    fn try_encode_udaf(&self, function: &AggregateUDF, to: &mut Vec<u8>) -> Result<()> {
        write(function, to)
    }

    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.physical.try_decode(bytes, inputs, context)
    }

    fn try_encode(&self, node: Arc<dyn ExecutionPlan>, to: &mut Vec<u8>) -> Result<()> {
        self.physical.try_encode(node, to)
    }
}
