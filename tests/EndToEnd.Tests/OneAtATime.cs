// Each of these tests starts a whole deployment and wants the machine for itself.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
