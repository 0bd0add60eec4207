namespace Tutti.Reduction.Results;

/// <summary>What a result file says about where it comes from, beside the result itself. Neither the job nor a time is in it: the same data and the
/// same options give the same bytes. Who asked and when stand with the job.</summary>
public sealed record ResultDescription(
    string DataSet, string Instrument, string? Technique, string? Sample, string? Licence, string? Recipe);
