using Tutti.Contracts.Identity;
using Tutti.ServiceDefaults;

namespace Tutti.Identity;

/// <summary>A person's account: who they are, what they may, and how they prove it.</summary>
public sealed class Account
{
    /// <summary>Longest login, name, group and reason, characters.</summary>
    public const int MaxLogin = 64, MaxName = 200, MaxGroup = 64, MaxReason = 2000;

    private Account()
    {
    }

    /// <summary>The person, in every service.</summary>
    public Guid Id { get; private set; }

    /// <summary>What they type to sign in: lower-case, unique.</summary>
    public string Login { get; private set; } = "";

    /// <summary>Name as shown to others.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The name as it is searched: see <see cref="SearchText"/>.</summary>
    public string Searched { get; private set; } = "";

    /// <summary>Code of the research group or institution; conflicts of interest go by it.</summary>
    public string Group { get; private set; } = "";

    /// <summary>Two-letter code of the country of that group or institution; null: not told. Guarantees of partners in a call go by it.</summary>
    public string? Country { get; private set; }

    /// <summary>Roles, scoped ones as <c>role@scope</c>.</summary>
    public IReadOnlyList<string> Roles { get; private set; } = [];

    /// <summary>Salted hash of the password.</summary>
    public string PasswordHash { get; private set; } = "";

    /// <summary>Whether the person can sign in.</summary>
    public bool Active { get; private set; }

    /// <summary>Grows with every event about the person.</summary>
    public int Revision { get; private set; }

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>What was promised to the person, and who took it back; which country was told.</summary>
    public ICollection<AccountChange> History { get; } = [];

    /// <summary>Opens an account.</summary>
    public static Account Open(Guid id, string login, string name, string group, IReadOnlyList<string> roles, string passwordHash, string? country = null) => new()
    {
        Id = id, Login = login, Name = name, Searched = SearchText(name), Group = group, Country = country, Roles = roles, PasswordHash = passwordHash, Active = true, Revision = 1,
    };

    /// <summary>Names and what is looked for are compared without case, each word from its start.</summary>
    public static string SearchText(string text) => " " + text.Trim().ToUpperInvariant();

    /// <summary>Gives the person other roles.</summary>
    public void ChangeRoles(IReadOnlyList<string> roles, Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        RequireActive();
        Remember(AccountAction.ChangeRoles, by, reason, changeId, now);
        (Roles, Revision) = (roles, Revision + 1);
    }

    /// <summary>The group or institution is in another country; what was accepted by the one before stays as it was.</summary>
    public void ChangeCountry(string? country, Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        RequireActive();
        Remember(AccountAction.ChangeCountry, by, reason, changeId, now);
        (Country, Revision) = (country, Revision + 1);
    }

    /// <summary>Ends the account: the person cannot sign in any more, what they did stays theirs.</summary>
    public void Deactivate(Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        RequireActive();
        Remember(AccountAction.Deactivate, by, reason, changeId, now);
        (Active, Revision) = (false, Revision + 1);
    }

    /// <summary>The person as told to the other services; who cannot sign in holds no role.</summary>
    public PersonRegistered Registered() => new() { PersonId = Id, Revision = Revision, Name = Name, Group = Group, Country = Country, Roles = Active ? Roles : [] };

    private void RequireActive()
    {
        if (!Active) throw new RuleViolation("account.inactive", "The account is not active any more.");
    }

    private void Remember(AccountAction what, Guid by, string reason, Guid changeId, DateTimeOffset now) =>
        History.Add(new AccountChange { Id = changeId, AccountId = Id, What = what, Roles = Roles, Country = Country, ByPersonId = by, Reason = reason, At = now });
}

/// <summary>What the user office, or the person, does to an account.</summary>
public enum AccountAction
{
    /// <summary>Other roles.</summary>
    ChangeRoles,

    /// <summary>No sign-in any more.</summary>
    Deactivate,

    /// <summary>Another country of the group or institution.</summary>
    ChangeCountry,
}

/// <summary>A change of an account: what was before, who changed it, when, why.</summary>
public sealed class AccountChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>What was done.</summary>
    public required AccountAction What { get; init; }

    /// <summary>The roles before.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The country before; null: not told.</summary>
    public string? Country { get; init; }

    /// <summary>Who did it; the empty id when it was no person but a setting.</summary>
    public required Guid ByPersonId { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }
}
