"""What a network learns from: MNIST, and the tiny network with its three examples."""
