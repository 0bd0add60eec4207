using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Tutti.ServiceDefaults;

/// <summary>The roles of the workflow. A role in a token is <c>role</c> or, for one site or pool, <c>role@scope</c>.</summary>
public static class Roles
{
    /// <summary>Writes proposals, runs reductions.</summary>
    public const string Proposer = "proposer";

    /// <summary>Judges and plans at the instruments of a site.</summary>
    public const string FacilityStaff = "facility-staff";

    /// <summary>Reads what concerns a site.</summary>
    public const string FacilityDirector = "facility-director";

    /// <summary>Member of the advisory board.</summary>
    public const string BoardAdvisor = "tbab-advisor";

    /// <summary>Grades proposals of a call; the call says who is on its panel.</summary>
    public const string PanelMember = "panel-member";

    /// <summary>Keeps cells of the pool.</summary>
    public const string CellKeeper = "cell-keeper";

    /// <summary>The scope of those who keep all cells, whatever their home.</summary>
    public const string WholePool = "pool";

    /// <summary>Runs calls, decisions, publication.</summary>
    public const string UserOffice = "user-office";

    /// <summary>Runs the system; sees no contents of proposals.</summary>
    public const string Operator = "operator";

    /// <summary>All of them; each is the name of a policy too.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Proposer, FacilityStaff, FacilityDirector, BoardAdvisor, PanelMember, CellKeeper, UserOffice, Operator];
}

/// <summary>Who calls, and what they may.</summary>
public static class Authorization
{
    /// <summary>Issuer and audience of tokens made by Tutti's own Identity.</summary>
    public const string Issuer = "https://tutti.invalid/", Audience = "tutti";

    /// <summary>Claim types of our tokens.</summary>
    public const string RoleClaim = "role", GroupClaim = "group";

    extension(ClaimsPrincipal person)
    {
        /// <summary>Id of the caller.</summary>
        public Guid Id => Guid.TryParse(person.FindFirstValue("sub"), out var id)
            ? id
            : throw RuleViolation.Forbidden("identity.no-subject", "The token names no person.");

        /// <summary>Name of the caller as shown to others.</summary>
        public string DisplayName => person.FindFirstValue("name") ?? "";

        /// <summary>Research group of the caller; empty when the token tells none.</summary>
        public string Group => person.FindFirstValue(GroupClaim) ?? "";

        /// <summary>Whether the caller holds a role, in any scope.</summary>
        public bool Holds(string role) =>
            person.HasClaim(claim => claim.Type == RoleClaim && claim.Value.AsSpan().StartsWith(role, StringComparison.Ordinal)
                && (claim.Value.Length == role.Length || claim.Value[role.Length] == '@'));

        /// <summary>Whether the caller holds a role for this scope, for example staff of a site.</summary>
        public bool Holds(string role, string scope) => person.HasClaim(RoleClaim, $"{role}@{scope}");

        /// <summary>The scopes in which the caller holds a role.</summary>
        public IReadOnlyList<string> ScopesOf(string role) =>
            [.. person.FindAll(RoleClaim).Where(claim => claim.Value.StartsWith(role + "@", StringComparison.Ordinal)).Select(claim => claim.Value[(role.Length + 1)..])];
    }

    /// <summary>Policy that asks for any one of the roles.</summary>
    public static TBuilder RequireAnyRole<TBuilder>(this TBuilder builder, params string[] roles) where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(policy => policy.RequireAssertion(context => roles.Any(role => context.User.Holds(role))));

    /// <summary>
    /// Bearer tokens: keys come from the OpenID Connect authority when one is named (<c>Tutti:Identity:Authority</c>), else from the
    /// key file that Identity keeps in the same data folder. A route that names no policy is closed.
    /// </summary>
    public static IServiceCollection AddTokens(this IServiceCollection services, IConfiguration configuration)
    {
        var authority = configuration["Tutti:Identity:Authority"];
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
        {
            options.MapInboundClaims = false;
            options.RequireHttpsMetadata = false;
            options.TokenValidationParameters = new TokenValidationParameters
            {
                ValidIssuer = configuration["Tutti:Identity:Issuer"] ?? Issuer,
                ValidAudience = Audience,
                NameClaimType = "name", RoleClaimType = RoleClaim,
                ClockSkew = TimeSpan.FromSeconds(30),
            };
            if (authority is not null) options.Authority = authority;
        });
        if (authority is null)
            services.AddSingleton<IConfigureOptions<JwtBearerOptions>>(new ConfigureNamedOptions<JwtBearerOptions>(
                JwtBearerDefaults.AuthenticationScheme,
                options => options.TokenValidationParameters.IssuerSigningKey = ReadSigningKey(configuration)));
        services.AddAuthorization(options =>
        {
            options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build();
            foreach (var role in Roles.All) options.AddPolicy(role, policy => policy.RequireAssertion(context => context.User.Holds(role)));
        });
        return services;
    }

    /// <summary>The RSA key pair with which Identity signs; made at first use.</summary>
    public static RsaSecurityKey ReadSigningKey(IConfiguration configuration)
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(ReadKeyFile(configuration, "identity-key.pem", () =>
        {
            using var made = RSA.Create(2048);
            return made.ExportPkcs8PrivateKeyPem();
        }));
        return new RsaSecurityKey(rsa) { KeyId = "tutti-" + Convert.ToHexStringLower(SHA256.HashData(rsa.ExportSubjectPublicKeyInfo()))[..16] };
    }

    /// <summary>The key with which Identity encrypts what only itself reads again; kept beside the signing key.</summary>
    public static SymmetricSecurityKey ReadEncryptionKey(IConfiguration configuration) =>
        new(Convert.FromBase64String(ReadKeyFile(configuration, "identity-encryption-key", () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)))));

    /// <summary>
    /// Key files lie in <c>Tutti:Identity:Keys</c>, else with the shared files, else in the data folder. Written aside and linked into place: of
    /// replicas that start at once on an empty folder one makes the key, and all of them read that one, whole.
    /// </summary>
    private static string ReadKeyFile(IConfiguration configuration, string name, Func<string> make)
    {
        var folder = configuration["Tutti:Identity:Keys"]
            ?? (configuration["Tutti:Files"] is { Length: > 0 } files ? Path.Combine(files, "identity") : Hosting.DataFolder(configuration));
        var file = Path.Combine(Directory.CreateDirectory(folder).FullName, name);
        if (File.Exists(file)) return File.ReadAllText(file);
        var aside = $"{file}.{Guid.CreateVersion7():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var created = new FileStream(aside, options))
        {
            created.Write(System.Text.Encoding.ASCII.GetBytes(make()));
            created.Flush(flushToDisk: true);
        }
        try
        {
            File.Move(aside, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(aside);
        }
        return File.ReadAllText(file);
    }
}
