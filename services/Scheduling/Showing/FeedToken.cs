using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Showing;

/// <summary>
/// The secret with which a calendar program reads feeds as one person, who can have one at a time and revoke it. Only its hash is kept. It serves for half
/// a year, with the roles that the person had when it was made and still has.
/// </summary>
public sealed class FeedToken
{
    /// <summary>How long a token serves.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(183);

    private static readonly string[] seeing = [Roles.FacilityStaff, Roles.FacilityDirector, Roles.UserOffice];

    private FeedToken()
    {
    }

    /// <summary>The person.</summary>
    public Guid PersonId { get; private set; }

    /// <summary>SHA-256 of the secret, in hexadecimal digits.</summary>
    public string Hash { get; private set; } = "";

    /// <summary>Roles of the person that let it see more than its own teams.</summary>
    public IReadOnlyList<string> Scopes { get; private set; } = [];

    /// <summary>Until when it serves.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>A token of nobody's use yet.</summary>
    public static FeedToken Of(Guid person) => new() { PersonId = person };

    /// <summary>A new secret in place of the one before; it is told once.</summary>
    public string Renew(ClaimsPrincipal person, DateTimeOffset now)
    {
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        (Hash, ExpiresAt) = (HashOf(secret), now + Lifetime);
        Scopes = [.. person.FindAll(Authorization.RoleClaim).Select(claim => claim.Value).Where(role => seeing.Any(one => role == one || role.StartsWith(one + "@", StringComparison.Ordinal)))];
        return secret;
    }

    /// <summary>Of what the person might see, only what the roles that it still has let it.</summary>
    public void Keep(IReadOnlyList<string> roles) => Scopes = [.. Scopes.Intersect(roles)];

    /// <summary>What is looked for when somebody shows a secret.</summary>
    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>The person as whom feeds are read.</summary>
    public ClaimsPrincipal Person() => new(new ClaimsIdentity([new("sub", PersonId.ToString()), .. Scopes.Select(role => new Claim(Authorization.RoleClaim, role))], "feed"));
}
