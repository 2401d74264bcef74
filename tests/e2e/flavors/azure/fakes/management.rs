//! Azure Resource Manager.

use serde_json::json;

use super::Services;
use crate::support::fakes::api::{Answer, RecordedRequest};

/// Subscriptions, of which the second has no more than one registry.
const SUBSCRIPTIONS: [&str; 2] = ["33333333-aaaa-bbbb-cccc-333333333333", "44444444-aaaa-bbbb-cccc-444444444444"];

const AUDIENCE: &str = "https://management.azure.com";

impl Services {
    /// Azure Resource Manager, with two subscriptions on two pages.
    pub(super) fn management(&self, request: &RecordedRequest) -> Answer {
        let token = request.authorization().strip_prefix("Bearer ").unwrap_or_default();
        if !self.is_for(token, AUDIENCE) {
            let words = "The access token has been obtained for wrong audience or resource.";
            let error = json!({"code": "InvalidAuthenticationTokenAudience", "message": words});
            return (401, Vec::new(), json!({"error": error}));
        }
        let subscription = |id: &str| json!({"subscriptionId": id, "state": "Enabled", "displayName": "Contoso"});
        let registry = |server: &str| json!({"name": "x", "properties": {"loginServer": server}});
        let host = request.headers.get("host").unwrap().to_str().unwrap();
        let [one, two] = SUBSCRIPTIONS;
        let registries = |id: &str| {
            format!("GET /subscriptions/{id}/providers/Microsoft.ContainerRegistry/registries?api-version=2023-07-01")
        };
        let page = match request.line.as_str() {
            "GET /subscriptions?api-version=2022-12-01" => {
                let next = format!("http://{host}/subscriptions?api-version=2022-12-01&$skiptoken=two");
                json!({"value": [subscription(one)], "nextLink": next})
            }
            "GET /subscriptions?api-version=2022-12-01&$skiptoken=two" => json!({"value": [subscription(two)]}),
            line if line == registries(one) => {
                json!({"value": [registry("fabrikam.azurecr.io"), registry("Contoso.azurecr.io")]})
            }
            line if line == registries(two) => json!({"value": [registry("tailwind-e7ggejfuhzhgedc8.azurecr.io")]}),
            _ => {
                let error = json!({"code": "SubscriptionNotFound", "message": "The subscription could not be found."});
                return (404, Vec::new(), json!({"error": error}));
            }
        };
        (200, Vec::new(), page)
    }
}
