namespace Tutti.Scheduling.Planning;

/// <summary>Why an experiment has no place, and what would give it one.</summary>
/// <param name="Relax">Codes of <see cref="UnplacedReasons"/>: each names a family of rules which, left out for this proposal alone, gives it a place in the plan as it stands.</param>
/// <param name="OtherInstruments">Instruments of the same technique on which it would fit as things stand, were it eligible there.</param>
/// <param name="Text">The same in words.</param>
/// <param name="SmallerGrant">So many shifts would fit as things stand, with all else that its proposal requires.</param>
public sealed record Explanation(int Experiment, int Proposal, IReadOnlyList<string> Relax, IReadOnlyList<int> OtherInstruments, string Text, int? SmallerGrant = null)
{
    /// <summary>It cannot be placed with all that its proposal requires, even if nothing else is: this is proven.</summary>
    public bool Impossible { get; init; }

    /// <summary>What placing it by force would displace; null: it was not looked for, or no way was found in the time given.</summary>
    public ForcedIn? Forced { get; init; }
}

/// <summary>A plan with an experiment, and all that its proposal requires, forced in.</summary>
/// <param name="Cost">By so much the best plan found with it is worth less than the plan; negative where it is better.</param>
/// <param name="CostAtLeast">No plan with it costs less.</param>
/// <param name="Proven">Both are the same.</param>
/// <param name="Displaced">Experiments that would lose their place.</param>
/// <param name="Moved">Experiments that would get another.</param>
/// <param name="Added">Other experiments that would get one.</param>
/// <param name="Placements">Where it, and all who are moved or added, would be.</param>
public sealed record ForcedIn(
    long Cost, long CostAtLeast, bool Proven, IReadOnlyList<int> Displaced, IReadOnlyList<int> Moved, IReadOnlyList<int> Added, IReadOnlyList<InstancePlacement> Placements);
