module oarsman.dev/tests/podbench

go 1.26

require oarsman.dev/tests/measure v0.0.0

replace oarsman.dev/tests/measure => ../../measure
