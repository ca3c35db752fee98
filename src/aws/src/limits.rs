//! How fast each service is asked.

/// Requests a second where it is not [`USUAL`]. Those without a source are
/// chosen with care because the provider throttles them early and publishes no
/// figure; being throttled is retried and costs only time.
const RATES: &[(&str, u32)] = &[
    // https://docs.aws.amazon.com/accounts/latest/reference/quotas.html
    ("account", 3),
    // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
    ("route53", 5),
    ("apigateway", 8),
    ("apigatewayv2", 8),
    ("cloudformation", 8),
    ("cloudtrail", 10),
    ("cloudwatch", 8),
    ("config", 8),
    ("ecr", 10),
    ("eks", 8),
    ("iam", 15),
    ("lambda", 12),
    ("logs", 8),
    ("organizations", 5),
    ("route53domains", 5),
    ("sso-admin", 10),
    ("wafv2", 8),
];

/// Requests a second to any other service.
const USUAL: u32 = 20;

/// Requests a second to a service in one region.
pub(crate) fn rate(service: &str) -> u32 {
    let known = RATES.iter().find(|(s, _)| *s == service);
    known.map_or(USUAL, |(_, rate)| *rate)
}
