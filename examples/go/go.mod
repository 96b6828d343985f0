module fillstream.example/watch

go 1.21
