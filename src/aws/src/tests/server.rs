//! A server on loopback to which one can sign in.

pub use shoseki_caller::loopback::{Got, Reply};

/// A running server; it ends with the test's runtime.
pub struct Server(shoseki_caller::loopback::Server);

impl Server {
    /// Answers each request by `handler`, which gets the number of requests
    /// before; signing in is answered without it.
    pub async fn start(handler: impl Fn(&Got, usize) -> Reply + Send + Sync + 'static) -> Self {
        let first = |got: &Got| signing_in(got).map(Reply::ok);
        Self(shoseki_caller::loopback::Server::start(first, handler).await)
    }

    pub fn url(&self) -> String {
        self.0.url()
    }

    /// The requests so far, without those of signing in.
    pub fn got(&self) -> Vec<Got> {
        self.0.got()
    }
}

fn signing_in(got: &Got) -> Option<&'static str> {
    let start = |action| got.body.starts_with(action);
    if start("Action=GetCallerIdentity") {
        Some(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>\
             <Arn>arn:aws:iam::123456789012:user/auditor</Arn></GetCallerIdentityResult>\
             </GetCallerIdentityResponse>",
        )
    } else if got.body == "Action=DescribeRegions&Version=2016-11-15" {
        Some(
            "<DescribeRegionsResponse><regionInfo><item><regionName>ap-northeast-1</regionName>\
             </item><item><regionName>us-east-1</regionName></item></regionInfo>\
             </DescribeRegionsResponse>",
        )
    } else if got.body == "Action=ListAccountAliases&Version=2010-05-08" {
        Some(
            "<ListAccountAliasesResponse><ListAccountAliasesResult><AccountAliases/>\
             <IsTruncated>false</IsTruncated></ListAccountAliasesResult></ListAccountAliasesResponse>",
        )
    } else {
        None
    }
}
