"""eventgrid: sources publish CloudEvents to channels, subscriptions take them from there."""
