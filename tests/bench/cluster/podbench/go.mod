module oarsman.dev/tests/podbench

go 1.26
