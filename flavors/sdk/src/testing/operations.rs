//! A flavor's operations in words.

use crate::flavor::Flavor;
use crate::types::{AuthMethod, Operation, Parameter, Place, Placement, SecretForm};

/// All that a flavor asks for, one line each: the operations of each auth method and the password that it hands back,
/// then the operations without secrets. A flavor's test lists them literally.
///
/// ```text
/// acme/robot check-repository: GET https://api.acme.example|<acme-endpoint> /v1/*; token in `authorization: Bearer …`
/// acme/robot: token is the registry's password
/// ```
pub fn operations<F: Flavor>() -> Vec<String> {
    let description = F::describe();
    let of_methods = description.auth_methods.iter().flat_map(of_method);
    of_methods.chain(description.operations.iter().map(|operation| line("-", operation))).collect()
}

/// All that a flavor asks for in clean-ups besides, in the same form.
pub fn cleanup_operations<F: Flavor>() -> Vec<String> {
    let declared = F::describe_cleanup();
    let lines = declared.iter().flat_map(|declared| {
        let method = declared.auth_method.as_ref().map(|(connector_type, name)| format!("{connector_type}/{name}"));
        let name = method.unwrap_or_else(|| "-".to_owned());
        declared.operations.iter().map(move |operation| line(&name, operation)).collect::<Vec<_>>()
    });
    lines.collect()
}

fn of_method(method: &AuthMethod) -> Vec<String> {
    let name = format!("{}/{}", method.connector_type, method.name);
    let password = method.registry_password.as_ref().map(|field| format!("{name}: {field} is the registry's password"));
    method.operations.iter().map(|operation| line(&name, operation)).chain(password).collect()
}

fn line(method: &str, operation: &Operation) -> String {
    let methods: Vec<String> = operation.methods.iter().map(|method| format!("{method:?}").to_uppercase()).collect();
    let methods: Vec<&str> = methods.iter().map(|method| method.trim_start_matches("METHOD::")).collect();
    let endpoints = operation.endpoints.iter().map(|option| format!("<{option}>"));
    let hosts: Vec<String> = operation.hosts.iter().cloned().chain(endpoints).collect();
    let mut line =
        format!("{method} {}: {} {} {}", operation.name, methods.join("|"), hosts.join("|"), operation.paths.join("|"));
    for (sign, parameters) in [(" ?", &operation.query), (" header ", &operation.headers), (" body ", &operation.body)]
    {
        if !parameters.is_empty() {
            line = line + sign + &parameters.iter().map(parameter).collect::<Vec<_>>().join("&");
        }
    }
    operation.secrets.iter().fold(line, |line, placement| format!("{line}; {}", place(placement)))
}

fn parameter(parameter: &Parameter) -> String {
    match parameter.values.is_empty() {
        true => parameter.name.clone(),
        false => format!("{}={}", parameter.name, parameter.values.join("|")),
    }
}

fn place(placement: &Placement) -> String {
    let member = placement.member.iter().map(|member| format!("/{member}")).collect::<String>();
    let secret = match placement.form {
        SecretForm::Itself => format!("{}{member}", placement.field),
        SecretForm::Signature => format!("signature of {}{member}", placement.field),
    };
    match &placement.place {
        Place::Header((name, prefix)) => format!("{secret} in `{name}: {prefix}…`"),
        Place::BasicPassword => format!("{secret} as the password of `authorization: Basic`"),
        Place::FormField(name) => format!("{secret} in the form's `{name}`"),
        Place::JsonMember(name) => format!("{secret} in the JSON's `{name}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_one_line() {
        let operation = Operation::new("issue", "Issues a token")
            .get()
            .head()
            .host("https://a.example")
            .endpoint("a-endpoint")
            .path("/v1/*")
            .path("/v2/*")
            .query("page")
            .query_of("view", ["full", "short"])
            .header("x-version")
            .body_of("grant_type", ["password"])
            .bearer("token")
            .basic("password")
            .form_secret("client_secret", "file")
            .member("secret")
            .json_secret("secret", "password")
            .signature_header("authorization", "AWS4-HMAC-SHA256 ", "key");
        assert_eq!(
            line("acme/robot", &operation),
            "acme/robot issue: GET|HEAD https://a.example|<a-endpoint> /v1/*|/v2/* ?page&view=full|short \
             header x-version body grant_type=password; token in `authorization: Bearer …`; \
             password as the password of `authorization: Basic`; file/secret in the form's `client_secret`; \
             password in the JSON's `secret`; signature of key in `authorization: AWS4-HMAC-SHA256 …`"
        );
    }
}
