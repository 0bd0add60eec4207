namespace Tutti.Reduction.Numerics;

/// <summary>Data or options that a numerical kernel cannot honestly work on; <see cref="Code"/> is stable and meant for programs, the message for
/// people.</summary>
public sealed class NumericsException(string code, string message) : Exception(message)
{
    /// <summary>A stable snake_case word, such as <c>not_finite</c>.</summary>
    public string Code { get; } = code;
}
