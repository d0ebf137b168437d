// The screens, in the order of the navigation: a new one is its file, its import and its place here.
import * as deliveries from "../screens/deliveries.js";
import * as endpoints from "../screens/endpoints.js";
import * as events from "../screens/events.js";
import * as overview from "../screens/overview.js";

export const SCREENS = [overview, events, deliveries, endpoints];
