"""What leaves the graph: tables as text, the gap map as HTML, sheets as CSV."""
