namespace Tutti.Scheduling.Planning;

/// <summary>Why an experiment has no place.</summary>
/// <param name="Relax">Codes of <see cref="UnplacedReasons"/>: each names a family of rules which, left out for this proposal alone, gives it a place in the plan as it stands.</param>
/// <param name="SmallerGrant">So many shifts would fit as things stand.</param>
/// <param name="OtherInstruments">Instruments of the same technique on which it would fit as things stand, were it eligible there.</param>
/// <param name="Text">The same in words.</param>
public sealed record Explanation(int Experiment, int Proposal, IReadOnlyList<string> Relax, IReadOnlyList<int> OtherInstruments, string Text, int? SmallerGrant = null);
