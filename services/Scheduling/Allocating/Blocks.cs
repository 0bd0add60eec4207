namespace Tutti.Scheduling.Allocating;

/// <summary>One block of an experiment that stands where it is, with the beginnings of its shifts; <paramref name="Part"/> is its name towards the planner.</summary>
internal sealed record StandingBlock(Guid Part, Guid ExperimentId, Guid ProposalId, string InstrumentCode, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<DateTimeOffset> Starts, Guid? LeaderId, string Mode, Guid? SampleId)
{
    /// <summary>How many shifts it has.</summary>
    public int Shifts => Starts.Count;
}

/// <summary>Experiments that were split go to the planner block by block.</summary>
internal static class Blocks
{
    /// <summary>The most blocks of one experiment.</summary>
    public const int Most = 10;

    /// <summary>The name of a block: the experiment's own for the first; the others have a time in it that version 7 reaches in some thousand years.</summary>
    public static Guid Part(Guid experiment, int block)
    {
        if (block == 0) return experiment;
        Span<byte> bytes = stackalloc byte[16];
        experiment.TryWriteBytes(bytes);
        bytes[3] ^= (byte)(0x80 + block);
        return new Guid(bytes);
    }

    /// <summary>Experiments by the names of all blocks that they can have.</summary>
    public static Dictionary<Guid, Guid> WholeOf(IEnumerable<Guid> experiments) =>
        experiments.SelectMany(experiment => Enumerable.Range(0, Most).Select(block => (Part: Part(experiment, block), Whole: experiment))).ToDictionary(one => one.Part, one => one.Whole);

    /// <summary>Shifts of an experiment, block by block.</summary>
    public static IEnumerable<StandingBlock> Of(Guid experiment, Guid proposal, string instrument, IReadOnlyList<PlacedShift> shifts, Guid? leader, string mode, Guid? sample) => shifts.GroupBy(shift => shift.Block)
        .Select(block => new StandingBlock(Part(experiment, block.Key), experiment, proposal, instrument, block.First().Start, block.Last().End, [.. block.Select(shift => shift.Start)], leader, mode, sample));
}
