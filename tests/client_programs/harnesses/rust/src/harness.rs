//! The server, and the values that calls have given.

use std::future::Future;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};

pub struct Harness {
    pub server: String,
    values: Map<String, Value>,
    runtime: Runtime,
}

impl Harness {
    pub fn new(server: &str, values: &str) -> Self {
        let values = serde_json::from_str(values).expect("an object");
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { server: server.to_owned(), values, runtime }
    }

    pub fn wait<F: Future>(&self, call: F) -> F::Output {
        self.runtime.block_on(call)
    }

    pub fn text(&self, template: &str) -> String {
        self.values.iter().fold(template.to_owned(), |text, (name, value)| {
            let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text.replace(&format!("${{{name}}}"), &plain)
        })
    }

    pub fn body<T: DeserializeOwned>(&self, template: &str) -> T {
        let text = self.values.iter().fold(template.to_owned(), |text, (name, value)| {
            text.replace(&format!("\"${{{name}}}\""), &value.to_string())
        });
        serde_json::from_str(&text).expect("a body of its type")
    }

    pub fn keep(&mut self, name: &str, result: &Value, pointer: &str) {
        let value = result.pointer(pointer).expect(pointer).clone();
        self.values.insert(name.to_owned(), value);
    }

    pub fn expect(&self, pointer: &str, result: &Value, wanted: &str) {
        let wanted: Value = serde_json::from_str(wanted).expect("JSON");
        assert_eq!(result.pointer(pointer), Some(&wanted), "{pointer}");
    }

    pub fn done(&self, operation: &str, result: &Value) {
        println!("done {operation} {result}");
    }

    pub fn refused(&self, operation: &str, as_expected: bool) {
        assert!(as_expected, "{operation} was not refused as the contract says");
        println!("refused {operation}");
    }
}
