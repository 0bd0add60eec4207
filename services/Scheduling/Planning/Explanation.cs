namespace Tutti.Scheduling.Planning;

/// <summary>Why an experiment has no place.</summary>
public sealed record Explanation(int Experiment);
