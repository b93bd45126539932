//! One integration binary: the service over gRPC, its log on disk, and what breaks them.
