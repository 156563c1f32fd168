module oarsman.dev/tests/measure

go 1.26
