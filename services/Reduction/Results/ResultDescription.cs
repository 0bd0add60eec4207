namespace Tutti.Reduction.Results;

/// <summary>What a result file says about where it comes from, beside the result itself.</summary>
public sealed record ResultDescription(
    string DataSet, string Instrument, string? Technique, string? Sample, string? Licence, Guid Job, string? Recipe, DateTimeOffset MadeAt);
