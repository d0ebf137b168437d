<?php

declare(strict_types=1);

require 'vendor/autoload.php';

use Tallystick\Charon\{Charon, Options};

$client = new Charon('dev-charon-key', new Options(Options::LOCALHOST));
$started = $client->startExecution('1');
echo $started->id, "\n";
