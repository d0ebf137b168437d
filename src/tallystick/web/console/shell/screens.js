// The screens, in the order of the navigation: a new one is its file, its import and its place here.
import * as crons from "../screens/crons.js";
import * as deliveries from "../screens/deliveries.js";
import * as endpoints from "../screens/endpoints.js";
import * as eventgrid from "../screens/eventgrid.js";
import * as eventhos from "../screens/eventhos.js";
import * as events from "../screens/events.js";
import * as keyastrom from "../screens/keyastrom.js";
import * as keys from "../screens/keys.js";
import * as mock from "../screens/mock.js";
import * as overview from "../screens/overview.js";

const ALL = [overview, events, deliveries, endpoints, crons, eventhos, keyastrom, eventgrid, mock, keys];

export const SCREENS = ALL.filter(({ isShown = true }) => isShown);
