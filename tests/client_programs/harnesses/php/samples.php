<?php

declare(strict_types=1);

// PHP checks types when it runs: each sample makes its objects, and finds nobody at its server.
foreach (glob(__DIR__ . '/samples/*.php') ?: [] as $file) {
    try {
        (static fn (): mixed => require $file)();
        throw new RuntimeException("{$file} found a server");
    } catch (Exception $e) {
        if (!str_ends_with($e::class, '\\NetworkException')) {
            throw $e;
        }
    }
}
