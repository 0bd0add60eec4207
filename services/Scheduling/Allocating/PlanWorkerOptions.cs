namespace Tutti.Scheduling.Allocating;

/// <summary>How plans are made; read from <c>Tutti:Scheduling</c>.</summary>
public sealed record PlanWorkerOptions
{
    /// <summary>Longest search of the planner in one round.</summary>
    public TimeSpan SolverTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Longest search for one option of a repair.</summary>
    public TimeSpan RepairTime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Time after a round's search to find out what placing by force those without a place would displace.</summary>
    public TimeSpan ForceTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a plan waits for a worker that was killed.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a worker looks for work.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Time that a team needs from one site to another.</summary>
    public TimeSpan Travel { get; init; } = TimeSpan.FromHours(8);

    /// <summary>After so many rounds what cannot be held is left out.</summary>
    public int MostRounds { get; init; } = 10;

    /// <summary>A plan that took so many workers with it is given up.</summary>
    public int MostAttempts { get; init; } = 5;

    /// <summary>The planner's program, which runs in a process of its own so that an abort of the native solver ends only that; null: it runs in this process.</summary>
    public string? SolverProgram { get; init; } = Path.Combine(AppContext.BaseDirectory, "Tutti.Scheduling.CommandLine.dll");

    /// <summary>Reads them; what is not set keeps its default.</summary>
    public static PlanWorkerOptions From(IConfiguration configuration)
    {
        var (part, usual) = (configuration.GetSection("Tutti:Scheduling"), new PlanWorkerOptions());
        return new PlanWorkerOptions
        {
            SolverTime = TimeSpan.FromSeconds(part.GetValue("SolverSeconds", usual.SolverTime.TotalSeconds)),
            RepairTime = TimeSpan.FromSeconds(part.GetValue("RepairSeconds", usual.RepairTime.TotalSeconds)),
            ForceTime = TimeSpan.FromSeconds(part.GetValue("ForceSeconds", usual.ForceTime.TotalSeconds)),
            Lease = TimeSpan.FromSeconds(part.GetValue("LeaseSeconds", usual.Lease.TotalSeconds)),
            Poll = TimeSpan.FromMilliseconds(part.GetValue("PollMilliseconds", usual.Poll.TotalMilliseconds)),
            Travel = TimeSpan.FromHours(part.GetValue("TravelHours", usual.Travel.TotalHours)),
            MostRounds = part.GetValue("MostRounds", usual.MostRounds),
            SolverProgram = part.GetValue("SolverProcess", true) ? part["SolverProgram"] ?? usual.SolverProgram : null,
            MostAttempts = part.GetValue("MostAttempts", usual.MostAttempts),
        };
    }
}
