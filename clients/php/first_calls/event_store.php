<?php

declare(strict_types=1);

require 'vendor/autoload.php';

use Tallystick\EventStore\{EventStore, EventStoreEvent, Hyperscaler, OperationStatus, Options};

$client = new EventStore('XXX1XX12XxxxXXxxXXx0xXxx', new Options(Options::LOCALHOST));
$created = $client->createEvent(new EventStoreEvent(
    cl: 'EDF',
    ty: 'START_EC2',
    hs: Hyperscaler::AWS,
    ac: '525060831330',
    re: 'eu-west-3',
    st: OperationStatus::OK,
    me: 'Operation successful',
));
echo $created->id, "\n";
