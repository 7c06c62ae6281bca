module troupe.dev/testbed/pause

go 1.21
