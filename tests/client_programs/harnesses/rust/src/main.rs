//! Runs the scenarios against a server, and says what was done: one line a call.

mod charon;
mod event_store;
mod eventgrid;
mod eventhos;
mod harness;
mod keyastrom;

use harness::Harness;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    for api in &arguments[3..] {
        let mut h = Harness::new(&arguments[1], &arguments[2]);
        match api.as_str() {
            "charon" => charon::run(&mut h)?,
            "event_store" => event_store::run(&mut h)?,
            "eventgrid" => eventgrid::run(&mut h)?,
            "eventhos" => eventhos::run(&mut h)?,
            "keyastrom" => keyastrom::run(&mut h)?,
            other => return Err(other.into()),
        }
    }
    Ok(())
}
