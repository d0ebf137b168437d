use std::sync::atomic::{AtomicU32, Ordering};

use charon_client::ureq::middleware::MiddlewareNext;
use charon_client::ureq::{self, http, Agent, SendBody};
use charon_client::models::CharonError;
use charon_client::{Charon, Error, Options};

static HOOKED: AtomicU32 = AtomicU32::new(0);

/// Counts the requests that are sent.
fn counted(
    request: http::Request<SendBody>,
    next: MiddlewareNext,
) -> Result<http::Response<ureq::Body>, ureq::Error> {
    HOOKED.fetch_add(1, Ordering::Relaxed);
    next.handle(request)
}

fn hooked() -> u32 {
    HOOKED.load(Ordering::Relaxed)
}

fn failure<T>(result: Result<T, Error>) -> Error {
    let error = result.err().expect("a failure");
    println!("text {error} {error:?}");
    error
}

fn main() {
    let agent: Agent = Agent::config_builder().middleware(counted).build().into();
    let options = Options { server: "${away}".to_owned(), agent: Some(agent), ..Options::default() };
    let client = Charon::with("top-secret", options.clone());
    println!("text {} {options:?}", format!("{client:?} {client:#?}").replace('\n', " "));
    if let Error::Api(refused) = failure(client.get_cron("a-cron")) {
        let asked = refused.headers["Retry-After"].to_str().expect("a text");
        println!("refused {} {} {asked} {}", refused.status, refused.code, hooked());
        let typed: CharonError = refused.body_as().expect("a refusal");
        println!("typed {}", typed.message);
    }
    failure(client.get_cron("dated"));
    println!("dated {}", hooked());
    if let Error::Answer(broken) = failure(client.get_cron("broken")) {
        println!("answer {}", broken.body);
    }
    if let Error::Api(moved) = failure(client.can_start("moved")) {
        println!("moved {}", moved.status);
        let untyped = failure(moved.body_as::<CharonError>());
        println!("typed {}", matches!(untyped, Error::Answer(_)));
    }
    let nowhere = Options { server: "http://127.0.0.1:9".to_owned(), ..Options::default() };
    if let Error::Network(unreached) = failure(Charon::with("top-secret", nowhere).get_cron("a-cron")) {
        println!("network {}", unreached.is_timeout);
    }
    failure(Charon::with("top-secret\n", options).get_cron("a-cron"));
}
