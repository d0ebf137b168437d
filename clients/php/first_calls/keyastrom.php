<?php

declare(strict_types=1);

require 'vendor/autoload.php';

use Tallystick\Keyastrom\{EventIngest, EventIngestType, Keyastrom, Options};

$client = new Keyastrom('dt0c01.abc123.abcdefjhij1234567890', new Options(Options::LOCALHOST));
$results = $client->ingestEvent(new EventIngest(
    eventType: EventIngestType::CUSTOM_INFO,
    title: 'Loadtest start',
    entitySelector: 'type(SERVICE),entityName.equals(BookingService)',
));
echo $results->reportCount, "\n";
