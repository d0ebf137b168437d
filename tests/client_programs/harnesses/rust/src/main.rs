//! Runs the scenarios against a server, and says what was done: one line a call.

mod harness;
mod scenarios;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    for api in &arguments[3..] {
        let mut h = harness::Harness::new(&arguments[1], &arguments[2]);
        scenarios::run(api, &mut h)?;
    }
    Ok(())
}
