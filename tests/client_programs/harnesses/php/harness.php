<?php

// Runs the scenarios against a server, and says what was done: one line a call.

declare(strict_types=1);

error_reporting(E_ALL);
set_error_handler(fn (int $level, string $text, string $file, int $line) => throw new ErrorException($text, 0, $level, $file, $line));

/** The server, and the values that calls have given. */
final class Harness
{
    public function __construct(public readonly string $server, private stdClass $values)
    {
    }

    public function text(string $template): string
    {
        return preg_replace_callback('/\$\{(\w+)\}/', fn ($found) => (string) $this->values->{$found[1]}, $template);
    }

    public function body(string $template): mixed
    {
        $fill = fn ($found) => json_encode($this->values->{$found[1]});
        return json_decode(preg_replace_callback('/"\$\{(\w+)\}"/', $fill, $template), false, 512, JSON_THROW_ON_ERROR);
    }

    public function keep(string $name, mixed $result, string $pointer): void
    {
        $this->values->{$name} = $this->at($result, $pointer);
    }

    public function expect(string $pointer, mixed $result, string $wanted): void
    {
        $found = $this->at($result, $pointer);
        if (json_encode($found) !== json_encode(json_decode($wanted))) {
            throw new Exception("{$pointer} is " . json_encode($found) . ", not {$wanted}");
        }
    }

    public function done(string $operation, mixed $result): void
    {
        echo "done {$operation} ", json_encode($result, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION), "\n";
    }

    public function refused(string $operation, bool $asExpected): void
    {
        if (!$asExpected) {
            throw new Exception("{$operation} was not refused as the contract says");
        }
        echo "refused {$operation}\n";
    }

    private function at(mixed $result, string $pointer): mixed
    {
        $found = json_decode(json_encode($result));
        foreach (array_slice(explode('/', $pointer), 1) as $name) {
            $found = is_array($found) ? $found[(int) $name] : ($found->{$name} ?? null);
        }
        return $found;
    }
}

[, $server, $values] = $argv;
foreach (array_slice($argv, 3) as $api) {
    $run = require __DIR__ . "/scenario_{$api}.php";
    $run(new Harness($server, json_decode($values)));
}
