using Tutti.ServiceDefaults;

namespace Tutti.Reduction;

/// <summary>A way of reducing data that somebody has found good and wants to use again: preparation and model, in versions that never change.</summary>
public sealed class Recipe
{
    /// <summary>Longest name.</summary>
    public const int MaxName = 100;

    /// <summary>Longest description and note.</summary>
    public const int MaxText = 2000;

    /// <summary>Most versions.</summary>
    public const int MaxVersions = 200;

    private Recipe()
    {
    }

    /// <summary>Id.</summary>
    public Guid Id { get; private set; }

    /// <summary>Whose it is.</summary>
    public Guid Owner { get; private set; }

    /// <summary>Name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What it is good for.</summary>
    public string? Description { get; private set; }

    /// <summary>The technique whose data it is for, by its code.</summary>
    public string? Technique { get; private set; }

    /// <summary>Who may use it.</summary>
    public RecipeSharing Sharing { get; private set; }

    /// <summary>The proposal with whose team it is shared.</summary>
    public Guid? ProposalId { get; private set; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset MadeAt { get; private set; }

    /// <summary>When its owner took it out of use.</summary>
    public DateTimeOffset? RetiredAt { get; private set; }

    /// <summary>Number of the latest version.</summary>
    public int Latest { get; private set; }

    /// <summary>Its versions.</summary>
    public List<RecipeVersion> Versions { get; private set; } = [];

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }

    /// <summary>Writes a recipe down, private at first.</summary>
    public static Recipe Make(Guid id, Guid owner, string name, string? description, string? technique, DateTimeOffset now) =>
        new() { Id = id, Owner = owner, Name = name, Description = description, Technique = technique, MadeAt = now };

    /// <summary>Adds a version; the earlier ones stay as they are.</summary>
    public RecipeVersion Add(string steps, ReductionOptions options, string? note, Guid by, DateTimeOffset now)
    {
        RequireInUse();
        if (Latest == MaxVersions) throw new RuleViolation("recipe.too-many-versions", $"A recipe has at most {MaxVersions} versions.");
        var version = new RecipeVersion { RecipeId = Id, Number = ++Latest, Steps = steps, Options = options, Note = note, By = by, At = now };
        Versions.Add(version);
        return version;
    }

    /// <summary>Lets others use it, or nobody else.</summary>
    public void Share(RecipeSharing with, Guid? proposalId)
    {
        RequireInUse();
        if ((with == RecipeSharing.Team) != (proposalId is not null))
            throw RuleViolation.Invalid("recipe.invalid", "The recipe cannot be shared like this.", [new("proposalId", "sharing.proposal", "A proposal is named where a recipe is shared with its team, and only there.")]);
        (Sharing, ProposalId) = (with, proposalId);
    }

    /// <summary>Takes it out of use for good; jobs that followed it still name it.</summary>
    public void Retire(DateTimeOffset now) => RetiredAt ??= now;

    /// <summary>Refuses what nobody uses any more.</summary>
    public void RequireInUse()
    {
        if (RetiredAt is not null) throw new RuleViolation("recipe.retired", "The recipe was taken out of use.");
    }

    /// <summary>Refuses everybody but the owner.</summary>
    public void RequireOwner(Guid person)
    {
        if (person != Owner) throw RuleViolation.Forbidden("recipe.not-owner", "A recipe is changed by its owner; others make their own.");
    }
}

/// <summary>Who may use a recipe.</summary>
public enum RecipeSharing
{
    /// <summary>Its owner.</summary>
    Private,

    /// <summary>The team of a proposal.</summary>
    Team,

    /// <summary>Everybody who is signed in.</summary>
    Everybody,
}

/// <summary>One version of a recipe; never changed.</summary>
public sealed class RecipeVersion
{
    /// <summary>The recipe.</summary>
    public required Guid RecipeId { get; init; }

    /// <summary>Number, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The preparation, a JSON list of steps.</summary>
    public required string Steps { get; init; }

    /// <summary>The model.</summary>
    public required ReductionOptions Options { get; init; }

    /// <summary>What is new in it.</summary>
    public required string? Note { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Guid By { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }
}
