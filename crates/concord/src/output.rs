//! The only place that writes to stdout: data goes there, everything else to stderr.

use std::io::Write;

use anyhow::{Context, Result};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};

use crate::failure::Failure;

/// Writes data. A reader that went away (`| head`) is not an error.
pub fn data(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::local(
            &anyhow::Error::new(e).context("cannot write to stdout"),
        )),
        _ => Ok(()),
    }
}

/// A message as one line of JSON in the canonical protobuf mapping, with the field names of the protos.
///
/// `name` is the message's full name, for example `concord.determination.v1.DetermineResponse`.
pub fn json(name: &str, message: &impl Message) -> Result<String> {
    let pool = DescriptorPool::decode(concord_proto::FILE_DESCRIPTOR_SET)
        .context("the descriptor set does not decode")?;
    let descriptor = pool
        .get_message_by_name(name)
        .with_context(|| format!("no message `{name}`"))?;
    let dynamic = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice())?;
    let mut out = serde_json::Serializer::new(Vec::new());
    dynamic.serialize_with_options(
        &mut out,
        &SerializeOptions::new().use_proto_field_name(true),
    )?;
    String::from_utf8(out.into_inner()).context("JSON is UTF-8")
}
