//! How requests are written: the only module that names the SDK's protocol crates.

use crate::model::{Protocol, Service};
use aws_smithy_json::protocol::aws_json_rpc::AwsJsonRpcProtocol;
use aws_smithy_json::protocol::aws_rest_json_1::AwsRestJsonProtocol;
use aws_smithy_query::protocol::AwsQueryProtocol;
use aws_smithy_schema::protocol::SharedClientProtocol;
use aws_smithy_xml::protocol::aws_rest_xml::AwsRestXmlProtocol;

/// The serialiser of a service's protocol. ec2Query is awsQuery over schemas
/// with EC2's names and flattened lists, which [`crate::schema`] makes.
pub(crate) fn of(model: &'static Service) -> SharedClientProtocol {
    match model.protocol {
        Protocol::Json => {
            let json = if model.json_version.as_deref() == Some("1.0") {
                AwsJsonRpcProtocol::aws_json_1_0()
            } else {
                AwsJsonRpcProtocol::aws_json_1_1()
            };
            let prefix = model.target_prefix.as_deref().unwrap_or_default();
            SharedClientProtocol::new(json.with_target_prefix(prefix))
        }
        Protocol::RestJson => SharedClientProtocol::new(AwsRestJsonProtocol::new()),
        Protocol::RestXml => SharedClientProtocol::new(AwsRestXmlProtocol::new()),
        Protocol::Query | Protocol::Ec2 => SharedClientProtocol::new(AwsQueryProtocol::new()),
    }
}
