
// What a test leaves behind can only be told when no other test starts processes meanwhile.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
