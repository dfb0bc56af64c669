// The existing constraints.
SHOW CONSTRAINTS YIELD name
RETURN name;
