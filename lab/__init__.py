"""The bench and the evaluation of the engine. Only the bench needs packages of its own: the dependency group `lab`."""
