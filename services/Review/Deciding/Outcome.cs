namespace Tutti.Review.Deciding;

/// <summary>What the user office decides.</summary>
public enum Outcome
{
    /// <summary>It gets shifts.</summary>
    Accepted,

    /// <summary>It waits for freed shifts.</summary>
    Reserve,

    /// <summary>It gets none.</summary>
    Rejected,
}

/// <summary>Why a proposal was not accepted: a fixed vocabulary, so that refusals can be counted.</summary>
public static class ReasonCodes
{
    /// <summary>The codes.</summary>
    public static IReadOnlyList<string> All { get; } = ["beamtime-shortage", "not-feasible", "scientific-merit", "outside-scope", "safety"];
}
